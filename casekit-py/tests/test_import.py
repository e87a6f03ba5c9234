import uuid

import casekit


def test_ids_are_uuids_that_sort_by_time() -> None:
    first, second = casekit.new_id(), casekit.new_id()
    assert uuid.UUID(first).version == 7
    assert first < second
