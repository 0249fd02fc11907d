# syntax=docker/dockerfile:1
FROM ruby:3.3
WORKDIR /app
COPY . .
RUN bundle install
EXPOSE 9292
CMD ["bundle", "exec", "puma", "-p", "9292"]
