"""Searches of the list: frequent words and rare ones, two words, beginnings, nothing at all."""

SEARCHES = (
    *("checkout", "refund", "webhook", "payment invoice", "coupon cart", "gallery settings"),
    *("check", "pay", "feat", "dev7", "refund-login", "feature/cart-7", "search 42", "99"),
    *(
        "webhook-404",
        "unheard",
        "login -signup",
        '"report upload"',
        "export or import",
        "dev3 cart",
    ),
)
