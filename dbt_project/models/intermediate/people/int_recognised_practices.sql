-- a recognition that names no practice is one for all of them
select distinct
    recognitions.brand,
    recognitions.employee_id,
    standards.source || '/' || standards.standard_code as standard_key,
    recognitions.recognised_on
from {{ ref('int_recognitions') }} as recognitions
inner join {{ ref('dim_service_standards') }} as standards
    on
        recognitions.brand = standards.brand
        and coalesce(recognitions.standard_key, standards.source || '/' || standards.standard_code)
        = standards.source || '/' || standards.standard_code
