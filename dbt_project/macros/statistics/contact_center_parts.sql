{# The additive parts of every contact-centre mart: each is a 0/1 flag or seconds in int_call_outcomes. #}
{% macro contact_center_parts() -%}
{{ return([
    'contacts',
    'offered',
    'answered',
    'answered_within_threshold',
    'abandoned_calls',
    'abandoned_in_queue',
    'abandoned_in_self_service',
    'abandoned_within_threshold',
    'short_abandoned',
    'answered_queue_seconds',
    'handled',
    'interaction_seconds',
    'hold_seconds',
    'after_contact_work_seconds',
    'handle_seconds',
]) }}
{%- endmacro %}

{% macro sum_contact_center_parts() -%}
{%- for part in contact_center_parts() %}
    cast(sum({{ part }}) as bigint) as {{ part }}{{ ',' if not loop.last }}
{%- endfor %}
{%- endmacro %}
