{# The newest version of each (_source, key) among the loads frozen for this build, deleted keys left out.
   Ties go to the larger payload hash: the order of arrival never decides.
   `event_at` says when a record happened: a build made as of an earlier instant does not know later ones.
   When a table is brought up to date, only the versions that win over what is staged are read. #}
{% macro newest_version(raw_table, keys, event_at=none) -%}
    {%- if not update_plan().is_full -%}
    select records.*
    from {{ raw_table }} as records
    inner join {{ changed_table() }} as changed
        on
            records._load_id = changed.load_id
            and records._record_number = changed.record_number
            and {{ raw_key('records', keys) }} = changed.key
    where not changed.is_deleted
    {%- else -%}
    select versions.*
    from (
        select
            records.*,
            row_number() over (
                partition by records._source{% for key in keys %}, records.{{ key }}{% endfor %}
                order by records._version_at desc, records._payload_hash desc, records.is_deleted desc
            ) as _version_rank
        from {{ raw_table }} as records
        inner join {{ source('ops', 'build_loads') }} as loads
            on records._load_id = loads.load_id
        where
            loads.build_id = {{ build_id() }}
            {%- if event_at and var('as_of') %}
            and (records.{{ event_at }} <= {{ instant(var('as_of')) }} or records.{{ event_at }} is null)
            {%- endif %}
    ) as versions
    where versions._version_rank = 1 and not versions.is_deleted
    {%- endif -%}
{%- endmacro %}

{# A staged key: source and natural key, joined by slashes. #}
{% macro raw_key(alias, keys) -%}
    {{ alias }}._source{% for key in keys %} || '/' || cast({{ alias }}.{{ key }} as text){% endfor %}
{%- endmacro %}

{#
    Staged keys whose newest version is another one than the staged, with the record that bears it.
    Loads that came are compared with what is staged and with the deletions known before. Where loads went (a snapshot
    that was followed by another, an override that expired), every frozen version of their keys is looked at again.
#}
{% macro collect_changed_versions(change, relation, state) -%}
    {%- set raw_table = source(change.raw[0], change.raw[1]) -%}
    {%- set past = 'select load_id from ' ~ source('ops', 'build_loads') ~ ' where build_id = ' ~ state.build -%}
    {%- set present = 'select load_id from ' ~ source('ops', 'build_loads') ~ ' where build_id = ' ~ build_id() -%}
    {%- set gone = run_query(
        'select exists (select 1 from ' ~ raw_table ~ ' where _load_id in (' ~ past ~ ' except ' ~ present ~ ')) as found'
    ).rows[0][0] -%}
    create temporary table {{ changed_table() }} on commit drop as
    with

    moved as (
        ({{ present }} except {{ past }}) {% if gone %}union all ({{ past }} except {{ present }}){% endif %}
    ),

    touched as (
        select distinct {{ raw_key('records', change['keys']) }} as key
        from {{ raw_table }} as records
        where records._load_id in (select load_id from moved)
    ),

    candidates as (
        select {{ raw_key('records', change['keys']) }} as key, records.*
        from {{ raw_table }} as records
        where
            {%- if gone %}
            records._load_id in ({{ present }})
            {%- else %}
            records._load_id in (select load_id from moved)
            or (records.is_deleted and records._load_id in ({{ present }}))
            {%- endif %}
    ),

    ranked as (
        select
            candidates.key,
            candidates._load_id as load_id,
            candidates._record_number as record_number,
            candidates._version_at as version_at,
            candidates._payload_hash as payload_hash,
            candidates.is_deleted,
            row_number() over (
                partition by candidates.key
                order by candidates._version_at desc, candidates._payload_hash desc, candidates.is_deleted desc
            ) as version_rank
        from candidates
        inner join touched
            on candidates.key = touched.key
    ),

    newest as (
        select * from ranked
        where version_rank = 1
    )

    select
        touched.key,
        newest.load_id,
        newest.record_number,
        coalesce(newest.is_deleted, true) as is_deleted
    from touched
    left join newest
        on touched.key = newest.key
    left join {{ relation }} as staged
        on touched.key = staged.{{ config.require('key') }}
    where
        {%- if gone %}
        newest.key is null
        or staged.{{ config.require('key') }} is null
        or (newest.version_at, newest.payload_hash, newest.is_deleted)
        <> (staged._version_at, staged._payload_hash, false)
        {%- else %}
        (staged.{{ config.require('key') }} is null and not newest.is_deleted)
        or (newest.version_at, newest.payload_hash, newest.is_deleted)
        > (staged._version_at, staged._payload_hash, false)
        {%- endif %};
    analyze {{ changed_table() }}
{%- endmacro %}
