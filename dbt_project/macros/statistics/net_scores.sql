{#
    Net score of shares, 100 (P - D) / n, in points: recommendation (Reichheld 2003), ease. Its standard error is that of the
    difference of two shares of one sample, 100 √((p + d - (p - d)²) / n). Not rounded yet; null below `min_cell`.
#}
{% macro net_score(favourable, adverse, n) -%}
{{ enough(quotient('100 * (' ~ favourable ~ ' - ' ~ adverse ~ ')', n), n) }}
{%- endmacro %}

{% macro net_score_error(favourable, adverse, n) -%}
{%- set either = quotient('(' ~ favourable ~ ' + ' ~ adverse ~ ')', n) -%}
{%- set net = quotient('(' ~ favourable ~ ' - ' ~ adverse ~ ')', n) -%}
{{ enough('100 * sqrt(greatest(0, ' ~ either ~ ' - power(' ~ net ~ ', 2)) / nullif(' ~ n ~ ', 0))', n) }}
{%- endmacro %}

{# Standard error of a mean from its sums: √((Σx² - (Σx)²/n) / (n - 1) / n). Not rounded yet; null below `min_cell`. #}
{% macro mean_error(total, square_total, n) -%}
{%- set spread = quotient('(' ~ square_total ~ ' - ' ~ quotient(total ~ ' * ' ~ total, n) ~ ')', '(' ~ n ~ ' - 1)') -%}
{{ enough('sqrt(greatest(0, ' ~ spread ~ ') / nullif(' ~ n ~ ', 0))', n) }}
{%- endmacro %}

{% macro enough(estimate, observations) -%}
case when {{ observations }} >= {{ var('min_cell') }} then {{ estimate }} end
{%- endmacro %}

{# Ends of the 95 % interval of an estimate with its standard error, cut at the ends of its scale where it has any. #}
{% macro normal_lower(estimate, error, floor=none) -%}
{%- set bound = estimate ~ ' - ' ~ normal_quantile() ~ ' * ' ~ error -%}
{{ rounded(bound if floor is none else 'case when ' ~ error ~ ' is not null then greatest(' ~ floor ~ ', ' ~ bound ~ ') end') }}
{%- endmacro %}

{% macro normal_upper(estimate, error, ceiling=none) -%}
{%- set bound = estimate ~ ' + ' ~ normal_quantile() ~ ' * ' ~ error -%}
{{ rounded(bound if ceiling is none else 'case when ' ~ error ~ ' is not null then least(' ~ ceiling ~ ', ' ~ bound ~ ') end') }}
{%- endmacro %}
