{# Whether the first employee made good alone, neither escalated nor approved; null where the employees are not on record. #}
{% macro made_good_alone(recoveries) -%}
{{ recoveries }}.first_employee_id = {{ recoveries }}.employee_id
        and not {{ recoveries }}.is_escalated and not {{ recoveries }}.needed_approval
{%- endmacro %}
