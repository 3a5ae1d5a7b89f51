{# The newest version of each (_source, key) among the loads frozen for this build, deleted keys left out.
   Ties go to the larger payload hash: the order of arrival never decides.
   `event_at` says when a record happened: a build does not know what lies after its own instant, be it a build as of
   an earlier one or a record dated 9999-12-31.
   When a table is brought up to date, only the versions that win over what is staged are read. #}
{% macro newest_version(raw_table, keys, event_at=none) -%}
    {%- if not update_plan().is_full -%}
    select newest.*
    from {{ _newest_table() }} as newest
    inner join {{ changed_table() }} as changed
        on newest._key = changed.key
    where not newest.is_deleted
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
    Staged keys whose newest version is another one than the staged, and beside them that version, so that raw is read
    once. Loads that came, and events whose instant has come, are compared with what is staged and with the deletions
    known before. Where loads went (a snapshot that was followed by another, an override that expired), every frozen
    version of their keys is looked at again.
#}
{% macro collect_changed_versions(change, relation, state) -%}
    {%- set key = config.require('key') -%}
    {%- set raw_table = source(change.raw[0], change.raw[1]) -%}
    {%- set came = loads_between(build_id(), state.build) -%}
    {%- set gone = loads_between(state.build, build_id()) -%}
    {%- set moved = '"moved__' ~ model.name ~ '"' -%}
    {%- set present -%}
        select load_id from {{ source('ops', 'build_loads') }} where build_id = {{ build_id() }}
    {%- endset -%}
    create temporary table {{ moved }} on commit drop as
    select
        records.*,
        {{ raw_key('records', change['keys']) }} as _key
    from {{ raw_table }} as records
    where records._load_id in ({{ (came + gone + [-1]) | join(', ') }})
    {%- if change.event is defined and asked('instant') %}
    union all
    select * from (
        {{ _matured_records(change, raw_table, state) }}
    ) as matured
    where matured._load_id in ({{ present }})
    {%- endif %};
    analyze {{ moved }};
    create temporary table {{ _newest_table() }} on commit drop as
    select * from (
        select
            candidates.*,
            row_number() over (
                partition by candidates._key
                order by candidates._version_at desc, candidates._payload_hash desc, candidates.is_deleted desc
            ) as _version_rank
        from (
            {%- if not gone %}
            select * from {{ moved }}
            union all
            {%- endif %}
            select
                records.*,
                {{ raw_key('records', change['keys']) }} as _key
            from {{ raw_table }} as records
            where records._load_id in ({{ present }}) {{ 'and records.is_deleted' if not gone }}
        ) as candidates
        where
            candidates._key in (select moved._key from {{ moved }} as moved)
            {{ has_happened('candidates', change.event) }}
    ) as ranked
    where ranked._version_rank = 1;
    analyze {{ _newest_table() }};
    create temporary table {{ changed_table() }} on commit drop as
    select touched.key
    from (select distinct moved._key as key from {{ moved }} as moved) as touched
    left join {{ _newest_table() }} as newest
        on touched.key = newest._key
    left join {{ relation }} as staged
        on touched.key = staged.{{ key }}
    where
        {%- if gone %}
        newest._key is null
        or staged.{{ key }} is null
        or (newest._version_at, newest._payload_hash, newest.is_deleted)
        <> (staged._version_at, staged._payload_hash, false)
        {%- else %}
        (staged.{{ key }} is null and not newest.is_deleted)
        or (newest._version_at, newest._payload_hash, newest.is_deleted)
        > (staged._version_at, staged._payload_hash, false)
        {%- endif %};
    analyze {{ changed_table() }}
{%- endmacro %}

{# Found by the instant alone, then held against the frozen loads: the other way round, raw is read for every load. #}
{% macro _matured_records(change, raw_table, state) -%}
    with matured as materialized (
        select
            records.*,
            {{ raw_key('records', change['keys']) }} as _key
        from {{ raw_table }} as records
        where
            records.{{ change.event }} > (
                select builds.as_of from {{ source('ops', 'builds') }} as builds where builds.build_id = {{ state.build }}
            )
            and records.{{ change.event }} <= {{ instant(asked('instant')) }}
    )
    select * from matured
{%- endmacro %}

{% macro _newest_table() -%}
    "newest__{{ model.name }}"
{%- endmacro %}
