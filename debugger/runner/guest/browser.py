"""Chromium under Playwright, set up so that two runs look alike and nothing outside is asked."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from playwright.async_api import (
    Browser,
    BrowserContext,
    Dialog,
    Playwright,
    StorageState,
    async_playwright,
)

Json = dict[str, Any]
# Chromium takes the last list of features only: Playwright's own, that matter here, and three that
# load pages of the browser's interface nobody sees (a fifth of the processor time of a run).
_DISABLED = (
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "SpareRendererForSitePerProcess",
)
# The whole browser is told of secure origins by a policy (see the host's workspace.py).
_SECURE = "--unsafely-treat-insecure-origin-as-secure="
_RENDERER = f"--renderer-cmd-prefix=/bin/sh {Path(__file__).with_name('renderer.sh')}"
VIEWPORT = {"width": 1280, "height": 720}


@dataclass(slots=True)
class Chromium:
    """A started browser; contexts are made from it."""

    playwright: Playwright
    browser: Browser

    async def context(self, state: Json | None) -> BrowserContext:
        """A fresh context, with recorded cookies and local storage, or empty."""
        context = await self.browser.new_context(
            viewport={"width": VIEWPORT["width"], "height": VIEWPORT["height"]},
            locale="en-US",
            timezone_id="UTC",
            color_scheme="light",
            storage_state=cast("StorageState | None", state),
        )
        context.on("dialog", _accept)
        return context

    async def close(self) -> None:
        """Close browser and driver."""
        await self.browser.close()
        await self.playwright.stop()


async def launch(executable: str, hosts: frozenset[str]) -> Chromium:
    """Start Chromium.

    Only `hosts` resolve, to this machine, and their pages may do what only encrypted origins may;
    the sandbox around us is the boundary, so Chromium's own, which cannot be nested in it, is off.
    """
    rules = ", ".join([*(f"MAP {host} 127.0.0.1" for host in sorted(hosts)), "MAP * ~NOTFOUND"])
    origins = ",".join(f"http://{host}" for host in sorted(hosts))
    is_shell = Path(executable).name.endswith("shell")
    playwright = await async_playwright().start()
    browser = await playwright.chromium.launch(
        executable_path=executable,
        headless=True,
        env={**os.environ, "TRACE_SECURE_ORIGINS": origins},
        args=[
            *((_RENDERER, f"{_SECURE}{origins}") if is_shell else ()),
            "--no-sandbox",
            f"--host-resolver-rules={rules}",
            f"--disable-features={','.join(_DISABLED)}",
            "--disable-gpu",
            "--disable-lcd-text",
            "--font-render-hinting=none",
            "--force-color-profile=srgb",
        ],
    )
    return Chromium(playwright, browser)


async def start_trace(context: BrowserContext) -> None:
    """Record screenshots, DOM snapshots and sources from here on."""
    await context.tracing.start(screenshots=True, snapshots=True, sources=True)


async def _accept(dialog: Dialog) -> None:
    # A scenario that clicks "Delete" means it; the dialog itself is in the trace.
    await dialog.accept()
