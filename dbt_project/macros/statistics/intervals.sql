{# A share x/n and its Wilson interval: the columns `name`, `name_lower` and `name_upper`. #}
{% macro share_with_interval(name, x, n) -%}
{{ ratio(x, n) }} as {{ name }},
    {{ wilson_lower(x, n) }} as {{ name }}_lower,
    {{ wilson_upper(x, n) }} as {{ name }}_upper
{%- endmacro %}

{# An estimate over n observations, `reach` to either side of it. #}
{% macro estimate_with_interval(name, estimate, reach, n) -%}
{{ published(estimate, n) }} as {{ name }},
    {{ published(estimate ~ ' - ' ~ reach, n) }} as {{ name }}_lower,
    {{ published(estimate ~ ' + ' ~ reach, n) }} as {{ name }}_upper
{%- endmacro %}

{#
    Half the width of the normal 95 % interval of a mean, from n, Σx and Σx²: z √((Σx² - (Σx)²/n) / (n (n - 1))). Null for one
    observation, whose spread is unknown: `greatest` passes over nulls, so that nothing is divided inside of it.
#}
{% macro mean_reach(n, total, squares) -%}
{%- set within = squares ~ ' - ' ~ quotient(total ~ ' * ' ~ total, n) -%}
{{ normal_quantile() }} * sqrt({{ quotient('greatest(0, ' ~ within ~ ')', n ~ ' * (' ~ n ~ ' - 1)') }})
{%- endmacro %}

{# The same of a ratio of sums r = Σx/Σy over n pairs (Cochran 1977, 6.4): z √(n/(n-1) (Σx² - 2r Σxy + r² Σy²)) / Σy. #}
{% macro ratio_reach(n, x, y, xx, xy, yy) -%}
{%- set r = quotient(x, y) -%}
{%- set squares = xx ~ ' - 2 * ' ~ r ~ ' * ' ~ xy ~ ' + ' ~ r ~ ' * ' ~ r ~ ' * ' ~ yy -%}
{%- set spread = 'sqrt(' ~ quotient(n, n ~ ' - 1') ~ ' * greatest(0, ' ~ squares ~ '))' -%}
{{ quotient(normal_quantile() ~ ' * ' ~ spread, y) }}
{%- endmacro %}
