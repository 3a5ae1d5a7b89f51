{# The newest version of each (_source, key) among the loads frozen for this build, deleted keys left out.
   Ties go to the larger payload hash: the order of arrival never decides.
   `event_at` says when a record happened: a build does not know what lies after its own instant, be it a build as of
   an earlier one or a record dated 9999-12-31.
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
            {{ has_happened('records', event_at) }}
    ) as versions
    where versions._version_rank = 1 and not versions.is_deleted
    {%- endif -%}
{%- endmacro %}

{% macro has_happened(alias, event_at) -%}
    {%- if event_at and asked('instant') -%}
    and ({{ alias }}.{{ event_at }} <= {{ instant(asked('instant')) }} or {{ alias }}.{{ event_at }} is null)
    {%- endif -%}
{%- endmacro %}

{# A staged key: source and natural key, joined by slashes. #}
{% macro raw_key(alias, keys) -%}
    {{ alias }}._source{% for key in keys %} || '/' || cast({{ alias }}.{{ key }} as text){% endfor %}
{%- endmacro %}

{# The loads that one build reads and another does not, as a list for `in`. #}
{% macro loads_between(build, other_build) -%}
    {%- set loads = source('ops', 'build_loads') -%}
    {%- set found = run_query(
        'select load_id from ' ~ loads ~ ' where build_id = ' ~ build
        ~ ' except select load_id from ' ~ loads ~ ' where build_id = ' ~ other_build
    ) -%}
    {{ return(found.columns[0].values() | list) }}
{%- endmacro %}

{#
    Staged keys whose newest version is another one than the staged, with the record that bears it.
    Loads that came, and events whose instant has come, are compared with what is staged and with the deletions known
    before. Where loads went (a snapshot that was followed by another, an override that expired), every frozen version
    of their keys is looked at again.
#}
{% macro collect_changed_versions(change, relation, state) -%}
    {%- set key = config.require('key') -%}
    {%- set raw_table = source(change.raw[0], change.raw[1]) -%}
    {%- set came = loads_between(build_id(), state.build) -%}
    {%- set gone = loads_between(state.build, build_id()) -%}
    {%- set present -%}
        select load_id from {{ source('ops', 'build_loads') }} where build_id = {{ build_id() }}
    {%- endset -%}
    create temporary table {{ changed_table() }} on commit drop as
    with

    moved as (
        select records.*
        from {{ raw_table }} as records
        where records._load_id in ({{ (came + gone + [-1]) | join(', ') }})
        {%- if change.event is defined and asked('instant') %}
        union all
        select records.*
        from {{ raw_table }} as records
        where
            records.{{ change.event }} > (
                select builds.as_of from {{ source('ops', 'builds') }} as builds where builds.build_id = {{ state.build }}
            )
            and records.{{ change.event }} <= {{ instant(asked('instant')) }}
            and records._load_id in ({{ present }})
        {%- endif %}
    ),

    touched as (
        select distinct {{ raw_key('moved', change['keys']) }} as key
        from moved
    ),

    candidates as (
        {%- if gone %}
        select records.*
        from {{ raw_table }} as records
        where records._load_id in ({{ present }})
        {%- else %}
        select * from moved
        union all
        select records.*
        from {{ raw_table }} as records
        where records.is_deleted and records._load_id in ({{ present }})
        {%- endif %}
    ),

    ranked as (
        select
            {{ raw_key('candidates', change['keys']) }} as key,
            candidates._load_id as load_id,
            candidates._record_number as record_number,
            candidates._version_at as version_at,
            candidates._payload_hash as payload_hash,
            candidates.is_deleted,
            row_number() over (
                partition by {{ raw_key('candidates', change['keys']) }}
                order by candidates._version_at desc, candidates._payload_hash desc, candidates.is_deleted desc
            ) as version_rank
        from candidates
        where
            {{ raw_key('candidates', change['keys']) }} in (select touched.key from touched)
            {{ has_happened('candidates', change.event) }}
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
        on touched.key = staged.{{ key }}
    where
        {%- if gone %}
        newest.key is null
        or staged.{{ key }} is null
        or (newest.version_at, newest.payload_hash, newest.is_deleted)
        <> (staged._version_at, staged._payload_hash, false)
        {%- else %}
        (staged.{{ key }} is null and not newest.is_deleted)
        or (newest.version_at, newest.payload_hash, newest.is_deleted)
        > (staged._version_at, staged._payload_hash, false)
        {%- endif %};
    analyze {{ changed_table() }}
{%- endmacro %}
