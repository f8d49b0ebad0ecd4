SELECT slug, title, body, updated_at
FROM pages
WHERE slug = $1
