{#
    Service level under its formula's name, over the additive parts offered, answered, answered_within_threshold,
    abandoned_within_threshold, abandoned_in_queue and short_abandoned. The industry has no single formula:
    a figure without its name says nothing.
#}
{% macro service_level_parts(formula) -%}
{%- set parts = {
    'handled_of_offered': ('answered_within_threshold + abandoned_within_threshold', 'offered'),
    'answered_of_answered': ('answered_within_threshold', 'answered'),
    'answered_of_offered': ('answered_within_threshold', 'offered'),
    'late_abandoned_counted': (
        'answered_within_threshold',
        '(answered + abandoned_in_queue - abandoned_within_threshold)',
    ),
    'short_abandoned_as_served': ('answered_within_threshold + short_abandoned', 'offered'),
    'short_abandoned_excluded': ('answered_within_threshold', '(offered - short_abandoned)'),
} -%}
{%- if exceptions is defined and formula not in parts -%}
{{ exceptions.raise_compiler_error("service_level_formula '" ~ formula ~ "' is unknown; use one of: " ~ parts | join(', ')) }}
{%- endif -%}
{#- Only a linter, which knows neither vars nor exceptions, reaches the fallback. -#}
{{ return(parts.get(formula, ('answered', 'offered'))) }}
{%- endmacro %}

{% macro service_level(formula) -%}
{%- set numerator, denominator = service_level_parts(formula) -%}
{{ ratio(numerator, denominator) }}
{%- endmacro %}
