"""A page of ours without a script, for where no screen stands: Korean and English at once. It must never load anything, nor
show an exercise without saying so.
"""

from typing import Final

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
}
_PAGE: Final = """<!doctype html><html lang="ko"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="same-origin">
<title>{title}</title>
<style>body{{font:18px/1.5 system-ui,sans-serif;margin:0;padding:2rem;background:#10151c;color:#f2f5f8;text-align:center}}
strong{{display:inline-block;background:#f5c518;color:#10151c;padding:.2rem .8rem}}
button,.go{{font:inherit;padding:1rem 2rem;margin-top:1rem;min-height:56px}}
.go{{display:inline-block;box-sizing:border-box;background:#f2f5f8;color:#10151c}}</style>
{mark}{body}</html>"""
_MARK: Final = "<strong>훈련 · EXERCISE</strong>\n"


def plain_page(body: str, *, exercise: bool) -> str:
    """The page around ``body``, which is HTML already and holds nothing anybody typed.

    Under no referrer at all a browser would send a form's origin as null, and without https nothing else vouches for it.
    """
    return _PAGE.format(
        title="훈련 EXERCISE" if exercise else "지킴이 Jikimi", mark=_MARK if exercise else "", body=body
    )
