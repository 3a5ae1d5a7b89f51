{{ config(
    materialized='by_key',
    key='measurement_key',
    changed_by=[
        {'model': 'fct_calls', 'logged': 'call_key'},
        {'model': 'fct_promises', 'logged': 'promise_key'},
        {'model': 'fct_surveys', 'logged': 'response_key'},
        {'model': 'int_segment_periods', 'logged': 'customer_id', 'through': 'this'},
        {'due': ['initiated_at'], 'through': 'fct_calls', 'key': 'call_key'},
        {'due': ['responded_at'], 'through': 'fct_surveys', 'key': 'response_key'},
    ],
    logs=['business_date'],
    indexes=[{'columns': ['measurement_key']}, {'columns': ['customer_id']}, {'columns': ['business_date']}],
) }}
{#- what of int_measured_days is kept or not and tells its customer; an observation names nobody -#}
{%- set figures = {
    'calls': ('int_call_outcomes', 'call_key', "'answered'", 'records.channel', 'records.answered_within_threshold',
              'records.answered + records.abandoned_in_queue - records.abandoned_within_threshold = 1'),
    'promises': ('fct_promises', 'promise_key', 'records.promise_type', 'cast(null as text)',
                 'cast(records.is_kept as integer)', 'records.is_due'),
    'surveys': ('fct_surveys', 'response_key', "records.survey_type || '/' || records.survey_version", 'records.service_channel',
                'cast(records.score_share >= ' ~ var('satisfied_share') ~ ' as integer)',
                'records.score is not null and records.responded_at <= horizons.as_of'),
} -%}
{%- set latest = 'periods.valid_from desc, ' ~ byte_order('periods.segment_code') -%}
with

measured as (
    {%- for figure, (table, key, detail, channel, kept, condition) in figures.items() %}
    select
        records.{{ key }} as measurement_key,
        records.brand,
        records.customer_id,
        '{{ figure }}' as figure,
        {{ detail }} as detail,
        {{ channel }} as channel,
        records.business_date,
        {{ kept }} as kept
    from {{ ref(table) }} as records
    inner join {{ ref('int_brand_horizons') }} as horizons
        on records.brand = horizons.brand
    where records.customer_id is not null and {{ condition }} {{ and_changed('records.' ~ key) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

segments as (
    select
        measured.figure,
        measured.measurement_key,
        {{ first_known('periods.segment_code', latest) }} as segment_code
    from measured
    inner join {{ ref('int_segment_periods') }} as periods
        on
            measured.brand = periods.brand
            and measured.customer_id = periods.customer_id
            and measured.business_date >= periods.valid_from
            and measured.business_date < periods.valid_to
    group by measured.figure, measured.measurement_key
)

select
    measured.*,
    segments.segment_code
from measured
left join segments
    on measured.figure = segments.figure and measured.measurement_key = segments.measurement_key
