"""What the shop sells."""

# slug, name, price in cents, stock, tags, description
PRODUCTS = [
    (
        "enamel-mug",
        "Enamel mug",
        9000,
        12,
        "mug enamel camping",
        "Four mugs, hand painted in our studio, for the kitchen and for the mountain.",
    ),
    (
        "espresso-mug",
        "Espresso cup",
        2400,
        30,
        "mug cup coffee",
        "Thick walls, small belly. Keeps two sips hot until you are awake.",
    ),
    (
        "stoneware-bowl",
        "Stoneware bowl",
        4800,
        8,
        "bowl stoneware table",
        "Thrown by hand, glazed in ash. Holds soup, or keys.",
    ),
    (
        "teapot",
        "Teapot",
        12500,
        5,
        "teapot tea stoneware",
        "Pours without a drip, which took us eleven tries.",
    ),
    (
        "salt-pig",
        "Salt pig",
        3600,
        17,
        "salt kitchen",
        "An open mouth for a busy hand. No salt inside.",
    ),
    (
        "serving-plate",
        "Serving plate",
        6400,
        None,
        "plate table",
        None,
    ),
]
