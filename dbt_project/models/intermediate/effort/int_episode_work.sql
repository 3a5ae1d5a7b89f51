{{ config(
    materialized='by_key',
    key='episode_key',
    changed_by=[
        {'model': 'fct_episodes'},
        {'model': 'fct_touchpoints'},
        {'model': 'int_contact_handling', 'logged': 'touch_key', 'through': 'fct_touchpoints'},
        {'model': 'int_touch_outcomes', 'logged': 'touch_key', 'through': 'fct_touchpoints'},
        {'model': 'int_first_contacts', 'logged': 'customer_id', 'through': 'fct_touchpoints'},
    ],
    logs=['period_month'],
    indexes=[{'columns': ['episode_key']}, {'columns': ['period_month']}],
) }}
with

contacts as (
    select
        touches.episode_key,
        touches.touch_key,
        touches.customer_id,
        touches.issue_code,
        handling.business_date,
        handling.labour_seconds,
        handling.cost,
        handling.currency
    from {{ ref('fct_touchpoints') }} as touches
    inner join {{ ref('int_contact_handling') }} as handling
        on touches.touch_key = handling.touch_key
    where touches.episode_key is not null {{ and_changed('touches.episode_key') }}
),

-- a first contact is one of a person about an issue; an episode may hold several of them, or none
worked as (
    select
        contacts.episode_key,
        min(contacts.business_date) as started_on,
        count(*) as contacts,
        count(contacts.issue_code) as contacts_of_known_issue,
        count(firsts.touch_key) as first_contacts,
        count(case when not firsts.is_window_closed then 1 end) as open_windows,
        count(case when not firsts.is_without_return then 1 end) as returns,
        count(contacts.cost) as costed_contacts,
        sum(contacts.labour_seconds) as labour_seconds,
        sum(contacts.cost) as cost,
        max(contacts.currency) as currency
    from contacts
    left join {{ ref('int_first_contacts') }} as firsts
        on contacts.customer_id = firsts.customer_id and contacts.touch_key = firsts.touch_key
    group by contacts.episode_key
),

-- one version an episode: the most answered
scored as (
    select
        contacts.episode_key,
        outcomes.survey_version,
        sum(outcomes.surveys) as surveys,
        sum(outcomes.responses) as responses,
        sum(outcomes.satisfied) as satisfied,
        row_number() over (
            partition by contacts.episode_key
            order by sum(outcomes.responses) desc, {{ byte_order('outcomes.survey_version') }}
        ) as preference
    from contacts
    inner join {{ ref('int_touch_outcomes') }} as outcomes
        on contacts.touch_key = outcomes.touch_key
    where outcomes.survey_version is not null
    group by contacts.episode_key, outcomes.survey_version
)

select
    episodes.episode_key,
    episodes.brand,
    episodes.customer_id,
    episodes.issue_code,
    {{ month_start('worked.started_on') }} as period_month,
    case
        when worked.contacts_of_known_issue = 0 then 'unknown_issue'
        when episodes.is_open or worked.open_windows > 0 then 'open'
        when worked.first_contacts = 0 then 'follow_on'
        when worked.returns > 0 then 'returned'
        else 'resolved'
    end as outcome,
    worked.contacts,
    cast(case when worked.costed_contacts = worked.contacts then worked.labour_seconds end as bigint) as labour_seconds,
    cast(case when worked.costed_contacts = worked.contacts then worked.cost end as decimal(18, 4)) as cost,
    worked.currency,
    scored.survey_version,
    cast(coalesce(scored.surveys, 0) as bigint) as surveys,
    cast(coalesce(scored.responses, 0) as bigint) as responses,
    cast(coalesce(scored.satisfied, 0) as bigint) as satisfied
from worked
inner join {{ ref('fct_episodes') }} as episodes
    on worked.episode_key = episodes.episode_key
left join scored
    on worked.episode_key = scored.episode_key and scored.preference = 1
