{# What a reference of a CRM record names. Exports call the types differently; a bare id lies in the one source of its kind. #}
{% macro referred_type(ref_type) -%}
    case
        when {{ ref_type }} in ('transaction', 'order') then 'transaction'
        when {{ ref_type }} in ('call', 'contact', 'call_contact') then 'call'
        when {{ ref_type }} = 'case' then 'case'
    end
{%- endmacro %}

{# Key of what is named. `record` bears the reference, `brand_sources` its brand's row of int_brand_sources. #}
{% macro referred_key(record, ref_type, ref_id) -%}
    case {{ referred_type(ref_type) }}
        when 'transaction' then brand_sources.pos_source
        when 'call' then brand_sources.call_center_source
        when 'case' then {{ record }}.source
    end || '/' || {{ ref_id }}
{%- endmacro %}
