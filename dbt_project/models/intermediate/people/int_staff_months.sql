{%- set adopted_by = add_minutes('suggestions.submitted_at', var('suggestion_window_days') * 1440) -%}
{#- what is told of an employee's month: where it lies, its day, its figures -#}
{%- set parts = [
    'asked', 'answered', 'score', 'suggestions', 'judged', 'adopted', 'training_hours', 'closers_known', 'closed_by_first'
] -%}
{%- set records = {
    'answers': ('int_employee_answers', 'business_date', 'employee_id', "coalesce(answers.sent_at, answers.responded_at)", {
        'asked': '1', 'answered': 'cast(answers.responded_at <= horizons.as_of and answers.score is not null as integer)',
        'score': 'case when answers.responded_at <= horizons.as_of then answers.score end',
    }),
    'suggestions': ('stg_crm__suggestions', none, 'employee_id', 'suggestions.submitted_at', {
        'suggestions': '1', 'judged': 'cast(' ~ adopted_by ~ ' <= horizons.as_of as integer)',
        'adopted': 'cast(' ~ adopted_by ~ ' <= horizons.as_of and coalesce(suggestions.adopted_at <= ' ~ adopted_by ~ ', false) as integer)',
    }),
    'trainings': ('stg_crm__trainings', 'business_date', 'employee_id', 'trainings.completed_at', {'training_hours': 'trainings.hours'}),
    'recoveries': ('fct_recoveries', 'business_date', 'employee_id', 'recoveries.completed_at', {
        'closers_known': 'cast((' ~ made_good_alone('recoveries') ~ ') is not null as integer)',
        'closed_by_first': 'cast((' ~ made_good_alone('recoveries') ~ ') as integer)',
    }),
} -%}
-- noqa: disable=LT02,LT05
with

horizons as (
    select
        horizons.*,
        brand_sources.pos_source
    from {{ ref('int_brand_horizons') }} as horizons
    inner join {{ ref('int_brand_sources') }} as brand_sources on horizons.brand = brand_sources.brand
),

-- instruments never mix: the version with most answers speaks
versions as (
    select
        brand,
        survey_version,
        row_number() over (partition by brand order by count(score) desc, {{ byte_order('survey_version') }}) as precedence
    from {{ ref('int_employee_answers') }}
    group by brand, survey_version
),

told as (
    {%- for name, (table, day, employee, instant, figures) in records.items() %}
    select
        {{ name }}.brand,
        {{ name }}.{{ employee }} as employee_id,
        {{ month_start(name ~ '.' ~ day if day else local_date(instant, "'" ~ var('reporting_timezone') ~ "'")) }} as period_month
        {%- for part in parts %}, cast({{ figures.get(part, 'null') }} as decimal(18, 4)) as {{ part }}{% endfor %}
    from {{ ref(table) }} as {{ name }}
    inner join horizons on {{ name }}.brand = horizons.brand and {{ instant }} <= horizons.as_of
    {%- if name == 'answers' %}
    inner join versions on answers.brand = versions.brand and answers.survey_version = versions.survey_version and versions.precedence = 1
    {%- endif %}
    where {{ name }}.{{ employee }} is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

figures as (
    select
        brand,
        employee_id,
        period_month
        {%- for part in parts %}, sum({{ part }}) as {{ part }}{% endfor %}
    from told
    group by brand, employee_id, period_month
)

-- what nobody of the brand ever tells is unknown; what others tell, and not of this one, is none
select
    staff.*
    {%- for part in parts %},
    case
        when staff.source = horizons.pos_source and max(figures.{{ part }}) over (partition by staff.brand) is not null
            then coalesce(figures.{{ part }}, 0)
    end as {{ part }}
    {%- endfor %}
from {{ ref('int_staff_presence') }} as staff
inner join horizons on staff.brand = horizons.brand
left join figures
    on
        staff.brand = figures.brand and staff.employee_id = figures.employee_id and staff.source = horizons.pos_source
        and staff.period_month = figures.period_month
