{{ config(
    materialized='by_key',
    key='employee_version_key',
    changed_by=[{'raw': ['raw_pos', 'pos_employees'], 'keys': ['employee_id', 'valid_from']}],
    indexes=[{'columns': ['employee_version_key']}],
) }}
with

sources as (
    {{ build_sources() }}
),

employees as (
    {{ newest_version(source('raw_pos', 'pos_employees'), ['employee_id', 'valid_from']) }}
)

select
    sources.brand,
    sources.source,
    employees._version_at,
    employees._payload_hash,
    employees.employee_id,
    employees.valid_from,
    employees.location_id,
    employees.role,
    employees.hired_on,
    employees.left_on,
    employees.empowerment_limit,
    employees.is_executive,
    sources.source || '/' || employees.employee_id || '/' || cast(employees.valid_from as text) as employee_version_key,
    coalesce(employees.currency, sources.currency) as currency
from employees
inner join sources
    on employees._source = sources.source
