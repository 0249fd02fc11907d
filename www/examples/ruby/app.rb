# Shortens links.
require 'sinatra'
require 'sqlite3'

links = SQLite3::Database.new(ENV.fetch('LINKS', 'links.db'))
links.execute('create table if not exists links (id integer primary key, url text)')

post '/' do
  links.execute('insert into links (url) values (?)', params.fetch(:url))
  links.last_insert_row_id.to_s(36)
end

get '/:id' do |id|
  url = links.get_first_value('select url from links where id = ?', id.to_i(36))
  url ? redirect(url) : 404
end
