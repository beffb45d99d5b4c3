"""Words of a cloud stand inside the box, apart from each other, the frequent ones larger and nearer the middle."""

import numpy as np

from automl.eda.cloud import CHARACTER, HEIGHT, LINE, WIDTH, word_cloud


def test_boxes_are_inside_and_apart():
    rng = np.random.default_rng(0)
    counts = [("w" * int(rng.integers(2, 12)), int(n)) for n in rng.zipf(1.5, 60)]
    found = word_cloud(counts)
    assert len(found) > 50
    boxes = np.array([[c["x"], c["y"], CHARACTER * c["size"] * len(c["word"]) / 2, LINE * c["size"] / 2] for c in found])
    assert (boxes[:, 0] - boxes[:, 2] >= -0.2).all() and (boxes[:, 0] + boxes[:, 2] <= WIDTH + 0.2).all()
    assert (boxes[:, 1] - boxes[:, 3] >= -0.2).all() and (boxes[:, 1] + boxes[:, 3] <= HEIGHT + 0.2).all()
    for k, (x, y, w, h) in enumerate(boxes):
        others = np.delete(boxes, k, axis=0)
        assert ((abs(others[:, 0] - x) >= w + others[:, 2] - 0.3) | (abs(others[:, 1] - y) >= h + others[:, 3] - 0.3)).all()


def test_the_most_frequent_word_stands_in_the_middle_and_is_largest():
    found = word_cloud([("less", 25), ("most", 100), ("least", 1)])
    assert [c["word"] for c in found] == ["most", "less", "least"] and (found[0]["x"], found[0]["y"]) == (WIDTH / 2, HEIGHT / 2)
    assert found[0]["size"] == 2 * found[1]["size"] > found[2]["size"] >= 11


def test_a_word_that_does_not_fit_is_left_out():
    assert [c["word"] for c in word_cloud([("x" * 100, 9), ("fits", 5)])] == ["fits"] and word_cloud([]) == []
