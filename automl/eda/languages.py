"""Words that carry grammar in five languages: enough to guess the language of a text, and to leave out of word clouds."""

LANGUAGES = {
    name: frozenset(words.split())
    for name, words in {
        "en": "the and of to is in it you that was for are with they this have from not but what all were when we there can an your which their "
        "said if do will each about how up out them then she many some so these would other into has more her him his been who its now my than",
        "de": "der die das und ist nicht ein eine einen einem einer ich du er sie es wir ihr mit auf für von zu den dem des im auch sich an als "
        "noch wie oder aber nach bei aus wenn nur war werden wird sind hat haben kann mehr über sehr schon mich mir was dass zum zur",
        "fr": "le la les un une des et est en du dans que qui pour pas sur au avec ce il elle ne se plus par sont nous vous je mais ou aux cette "
        "son sa ses été être avoir fait comme tout leur bien très même ils elles ont était",
        "es": "el la los las un una de que en por con para se del al lo como más pero sus le ya este sí porque esta entre cuando muy sin sobre "
        "también me hasta hay donde quien desde todo nos durante uno ni ese eso está son fue era ser",
        "it": "il lo la gli le un una di che è per con non del della dei delle nel nella sono si come più ma anche al alla dal dalla questo questa "
        "ci se mi ha ho era essere stato molto quando dove chi perché suo sua tutto tutti",
    }.items()
}
STOP_WORDS = frozenset(word for words in LANGUAGES.values() for word in words)
