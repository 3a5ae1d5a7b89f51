{#
    A table whose rows are recomputed for the keys that changed, and for no others. Docs: docs/builds.md.

    key          column whose equal values are recomputed together
    key_type     its type (text)
    changed_by   which keys changed: see collect_changes
    stands_on    model of a few rows on which every row depends: the table is made in full when they change
    logs         further columns whose values, before and after, are logged for models downstream
    sparse_indexes   columns to index where they are not null
#}
{% materialization by_key, adapter='postgres' %}
    {%- set target = this.incorporate(type='table') -%}
    {%- set kept = kept_relation(target) -%}
    {%- set plan = update_plan() -%}
    {%- set build = build_id() | int -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if plan.is_full %}
        {%- set state = {'build': build, 'full': build, 'code': plan.code} -%}
        {% call statement('main') %}
            {{ drop_known(kept) }};
            {{ get_create_table_as_sql(False, kept, sql) }}
            {{ finish_table(kept) }};
            {{ label_table(kept, state) }}
        {% endcall %}
    {%- else %}
        {%- set state = {'build': build, 'full': plan.state.full, 'code': plan.code} -%}
        {% call statement('main') %}
            {{ label_table(kept, state) }};
            {{ update_changed_keys(kept, sql, plan.state) }}
        {% endcall %}
    {%- endif %}
    {%- if kept != target %}{% do follow_kept_rows(target, kept, state, plan.past) %}{% endif %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{# Recomputes the changed keys beside the table, logs what differs and replaces the rows of the keys that do. #}
{% macro update_changed_keys(relation, sql, state) -%}
    {%- set key = config.require('key') -%}
    {%- set columns = state.columns -%}
    {%- set fresh = '"fresh__' ~ model.name ~ '"' -%}
    {%- set differing = '"differing__' ~ model.name ~ '"' -%}
    {%- set cut = 'where ' ~ key ~ ' in (select changed.key from ' ~ changed_table() ~ ' as changed)' -%}
    {{ look_up_by_index() }}
    {{ collect_changes(relation, state) }};
    create temporary table {{ fresh }} (like {{ relation }}) on commit drop;
    insert into {{ fresh }} ({{ columns }})
    select {{ columns }}
    from (
        {{ sql }}
    ) as computed
    {{ cut }};
    -- what is equally often on both sides does not differ; either is read once
    create temporary table {{ differing }} on commit drop as
    select {{ columns }}
    from (
        select {{ columns }}, 1 as _excess from {{ fresh }}
        union all
        select {{ columns }}, -1 as _excess from {{ relation }} {{ cut }}
    ) as sides
    group by {{ columns }}
    having sum(_excess) <> 0;
    analyze {{ differing }};
    {%- for column in [key] + config.get('logs', []) %}
    insert into {{ source('changes', 'changed_keys') }} (build_id, model, column_name, key)
    select distinct {{ build_id() }}, '{{ model.name }}', '{{ column }}', cast({{ column }} as text)
    from {{ differing }}
    where {{ column }} is not null;
    {%- endfor %}
    delete from {{ relation }}
    where {{ key }} in (select {{ key }} from {{ differing }});
    insert into {{ relation }}
    select * from {{ fresh }}
    where {{ key }} in (select {{ key }} from {{ differing }})
{%- endmacro %}

{# A few keys among many rows: on today's disks an index is the shorter way, whatever the server believes. #}
{% macro look_up_by_index() -%}
    set local random_page_cost = 1.1;
{%- endmacro %}

{#
    Brings a slot's table, which is as `past` says, up to its master copy: by the keys logged since the slot last held it,
    else as a whole.
#}
{% macro follow_kept_rows(target, kept, state, past) -%}
    {%- set key = config.require('key') -%}
    {%- if past is none or past.code != state.code or past.full != state.full %}
        {%- call statement('copy') %}
            {{ drop_known(target) }};
            create table {{ target }} (like {{ kept }} including all excluding indexes);
            insert into {{ target }} select * from {{ kept }};
            {{ finish_table(target) }};
            {{ label_table(target, state) }}
        {%- endcall %}
    {%- else %}
        {%- call statement('follow') %}
            {{ label_table(target, state) }};
            {{ look_up_by_index() }}
            create temporary table "followed__{{ model.name }}" on commit drop as
            select distinct cast(log.key as {{ key_type() }}) as key
            from {{ source('changes', 'changed_keys') }} as log
            where
                log.model = '{{ model.name }}' and log.column_name = '{{ key }}'
                and log.build_id > {{ past.build }} and log.build_id <= {{ state.build }};
            analyze "followed__{{ model.name }}";
            delete from {{ target }} where {{ key }} in (select key from "followed__{{ model.name }}");
            insert into {{ target }}
            select * from {{ kept }} where {{ key }} in (select key from "followed__{{ model.name }}")
        {%- endcall %}
    {%- endif %}
    {%- do run_query(label_table(target, state)) %}
{%- endmacro %}
