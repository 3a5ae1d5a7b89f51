{{ config(
    materialized='by_key',
    key='period_month',
    key_type='date',
    changed_by=[{'model': 'int_touch_outcomes'}],
    indexes=[{'columns': ['period_month']}],
) }}
with

touches as (
    select * from {{ ref('int_touch_outcomes') }}
    {{ where_changed() }}
),

-- one instrument a month: the version most answered
versions as (
    select
        brand,
        period_month,
        survey_version,
        row_number() over (
            partition by brand, period_month order by sum(responses) desc, {{ byte_order('survey_version') }}
        ) as preference
    from touches
    where survey_version is not null
    group by brand, period_month, survey_version
),

months as (
    select
        brand,
        period_month,
        count(distinct episode_key) as all_episodes
    from touches
    group by brand, period_month
),

cells as (
    select
        touches.brand,
        touches.period_month,
        touches.touchpoint_code,
        touches.channel,
        touches.journey_stage,
        count(*) as touches,
        count(distinct touches.customer_id) as people,
        count(*) - count(touches.customer_id) as touches_of_unknown,
        count(touches.wait_seconds) as waits,
        {{ percentile_hours('touches.wait_seconds', 0.5) }} as wait_hours_median,
        count(case when touches.is_failed then 1 end) as failed,
        count(distinct touches.episode_key) as episodes,
        count(case when touches.is_drop_off then 1 end) as drop_offs,
        max(versions.survey_version) as survey_version,
        cast(sum(case when versions.preference = 1 then touches.surveys else 0 end) as bigint) as surveys,
        cast(sum(case when versions.preference = 1 then touches.responses else 0 end) as bigint) as responses,
        cast(sum(case when versions.preference = 1 then touches.satisfied else 0 end) as bigint) as satisfied
    from touches
    left join versions
        on
            touches.brand = versions.brand
            and touches.period_month = versions.period_month
            and touches.survey_version = versions.survey_version
            and versions.preference = 1
    group by touches.brand, touches.period_month, touches.touchpoint_code, touches.channel, touches.journey_stage
)

select
    cells.brand,
    cells.period_month,
    cells.touchpoint_code,
    cells.channel,
    cells.journey_stage,
    cells.touches,
    cells.people,
    cells.touches_of_unknown,
    cells.waits,
    cells.wait_hours_median,
    months.all_episodes,
    cells.episodes,
    cells.drop_offs,
    cells.failed,
    cells.survey_version,
    cells.surveys,
    cells.responses,
    cells.satisfied,
    {{ ratio('cells.responses', 'cells.surveys') }} as response_rate,
    {%- for share, part, whole in [
        ('failure_share', 'cells.failed', 'cells.touches'),
        ('passing_share', 'cells.episodes', 'months.all_episodes'),
        ('drop_off_share', 'cells.drop_offs', 'cells.episodes'),
        ('satisfied_share', 'cells.satisfied', 'cells.responses'),
    ] %}
    {{ ratio(part, whole) }} as {{ share }},
    {{ wilson_lower(part, whole) }} as {{ share }}_lower,
    {{ wilson_upper(part, whole) }} as {{ share }}_upper,
    {%- endfor %}
    {{ var('journey_window_days') }} as journey_window_days
from cells
inner join months on cells.brand = months.brand and cells.period_month = months.period_month
