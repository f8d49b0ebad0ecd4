SELECT item_id FROM item_tags WHERE tag = $1
