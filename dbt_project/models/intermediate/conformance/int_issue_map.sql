with

sources as (
    {{ build_sources() }}
),

issue_map as (
    select * from {{ ref('issue_map') }}
),

-- a row of the seed for one source beats the row for all sources ('*')
ranked as (
    select
        sources.source,
        issue_map.code,
        issue_map.issue_code,
        issue_map.journey_stage,
        row_number() over (
            partition by sources.source, issue_map.code
            order by case when issue_map.source = '*' then 1 else 0 end
        ) as precedence
    from sources
    inner join issue_map
        on issue_map.source in (sources.source, '*')
)

select
    source,
    code,
    issue_code,
    journey_stage
from ranked
where precedence = 1
