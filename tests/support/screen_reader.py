"""What a screen reader says of a page by itself: what comes into its live regions."""

from playwright.async_api import Page

LISTEN = """() => {
    window.heard = [];
    const REGIONS = '[role=status], [role=alert], [aria-live=polite], [aria-live=assertive]';
    const regionOf = ({ target, addedNodes, type }) => {
        if (type === 'childList' && !addedNodes.length) return null;
        const region = (target.nodeType === Node.TEXT_NODE ? target.parentElement : target)?.closest(REGIONS);
        const dialog = document.querySelector('dialog:modal');
        return region?.isConnected && (!dialog || dialog.contains(region)) ? region : null;
    };
    const hear = (changes) => {
        for (const region of new Set(changes.map(regionOf).filter(Boolean)))
            if (region.textContent.trim()) window.heard.push(region.textContent.trim());
    };
    new MutationObserver(hear).observe(document, { subtree: true, childList: true, characterData: true });
}"""


async def listen(page: Page) -> None:
    """Begin to listen to a page, until it is loaded anew."""
    await page.evaluate(LISTEN)


async def heard(page: Page, count: int) -> list[str]:
    """Wait until so many sentences were said, and return all that were, the first one first."""
    await page.wait_for_function('(count) => window.heard.length >= count', arg=count)
    return await page.evaluate('window.heard')
