{#
    Mean of observations that come in persons, with a 95 % interval that counts the persons (linearisation, Cochran 1977, 6.4):
    r = Σs / Σm over persons with sum s and count m, variance K/(K-1) Σ(s - r m)² / (Σm)². It is what a bootstrap by person tends to,
    and the same on every engine. The moments add up: Σ(s - r m)² = Σs² - 2r Σsm + r² Σm².
#}
{% macro person_moments(total, known) -%}
sum({{ total }}) as {{ total }}_sum,
        sum({{ known }}) as {{ total }}_n,
        sum({{ total }} * {{ total }}) as {{ total }}_ss,
        sum({{ total }} * {{ known }}) as {{ total }}_sm,
        sum({{ known }} * {{ known }}) as {{ total }}_mm,
        count(case when {{ known }} > 0 then 1 end) as {{ total }}_k
{%- endmacro %}

{# An end of that interval, not below 0 nor above `most`, if that is given; null below `min_cell` persons. #}
{% macro person_mean_bound(total, sign, most=none) -%}
{%- set mean = quotient(total ~ '_sum', total ~ '_n') -%}
{%- set squares = total ~ '_ss - 2 * ' ~ mean ~ ' * ' ~ total ~ '_sm + ' ~ mean ~ ' * ' ~ mean ~ ' * ' ~ total ~ '_mm' -%}
{%- set scale = quotient(total ~ '_k', '(' ~ total ~ '_k - 1)') -%}
{%- set error = 'sqrt(greatest(0, ' ~ scale ~ ' * (' ~ squares ~ '))) / nullif(' ~ total ~ '_n, 0)' -%}
{%- set bound = 'greatest(0, ' ~ mean ~ ' ' ~ sign ~ ' ' ~ normal_quantile() ~ ' * ' ~ error ~ ')' -%}
{{ published(bound if most is none else 'least(' ~ most ~ ', ' ~ bound ~ ')', total ~ '_k') }}
{%- endmacro %}
