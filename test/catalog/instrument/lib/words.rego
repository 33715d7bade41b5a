package lib.words

is_word(text) if regex.match(`^[a-z{}]+$`, text)

twice(text) := concat("", [text, text])
