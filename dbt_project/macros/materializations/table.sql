{#
    A table that every build makes anew, in one transaction: where the new one fails, the old one stays. dbt's own way makes it
    beside the old one, renames both and drops the old one, for the sake of who reads it meanwhile; nobody reads these
    but the build itself.
#}
{% materialization table, adapter='postgres' %}
    {%- set target = this.incorporate(type='table') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement('main') %}
        {{ drop_known(target) }};
        {{ get_create_table_as_sql(False, target, sql) }}
        {{ finish_table(target) }}
    {% endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{# Drops what stands in a table's place, be it a view of an earlier release; dbt's cache learns which views go with it. #}
{% macro drop_known(table) -%}
    {%- set known = load_cached_relation(table) or table -%}
    {%- do adapter.cache_dropped(known) -%}
    {{ get_drop_sql(known) }}
{%- endmacro %}

{#
    What a table needs once its rows are there: its indexes, which so take less than half the time that they take row by row, and
    fresh statistics, for the next model joins it minutes before any background job would look at it.
#}
{% macro finish_table(relation) -%}
    {%- for index in config.get('indexes', []) %}
    {{ get_create_index_sql(relation, index) }};
    {%- endfor %}
    {%- for column in config.get('sparse_indexes', []) %}
    create index on {{ relation }} ({{ column }}) where {{ column }} is not null;
    {%- endfor %}
    analyze {{ relation }}
{%- endmacro %}
