{# Double precision under each engine's own name; a linter knows no target. #}
{% macro double_type() -%}
{{ 'double' if target is defined and target.type == 'spark' else 'double precision' }}
{%- endmacro %}

{# Rounds through a decimal: engines round a double differently at the half. #}
{% macro rounded(value, scale=4) -%}
cast(round(cast({{ value }} as decimal(28, 9)), {{ scale }}) as decimal(18, {{ scale }}))
{%- endmacro %}

{# One division in double precision; null when the divisor is null or zero. #}
{% macro quotient(numerator, denominator) -%}
cast({{ numerator }} as {{ double_type() }}) / nullif(cast({{ denominator }} as {{ double_type() }}), 0)
{%- endmacro %}

{# A rounded estimate; null below `min_cell` observations, so that no figure rests on a handful of people. #}
{% macro published(estimate, observations, scale=4) -%}
{{ rounded('case when ' ~ observations ~ ' >= ' ~ var('min_cell') ~ ' then ' ~ estimate ~ ' end', scale) }}
{%- endmacro %}

{# A published ratio of counts or sums, its denominator being the number of observations. #}
{% macro ratio(numerator, denominator, scale=4) -%}
{{ published(quotient(numerator, denominator), denominator, scale) }}
{%- endmacro %}
