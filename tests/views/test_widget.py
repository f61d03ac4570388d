"""What a widget hears where Python runs in the page: the same as on the desk."""

from __future__ import annotations

from typing import Any

import pytest

from eventlab.views import widget


def test_a_null_of_the_page_is_none_wherever_it_stands_in_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    null, heard = object(), list[Any]()
    monkeypatch.setattr(widget, "BROWSER", True)
    monkeypatch.setattr(widget, "_null", lambda: null)
    shown = widget.Widget()
    shown.on_msg(lambda _, content, buffers: heard.append(content))
    content = {"kind": "act", "until": null, "more": [null, {"a": null}], "at": 0, "word": ""}
    shown._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})
    assert heard == [{"kind": "act", "until": None, "more": [None, {"a": None}], "at": 0, "word": ""}]
