# syntax=docker/dockerfile:1
FROM node:20-alpine
RUN apk add --no-cache nginx
WORKDIR /app
COPY . .
RUN npm ci && npm run build \
 && cp nginx.conf /etc/nginx/http.d/default.conf \
 && mkdir -p /usr/share/nginx && cp -r dist /usr/share/nginx/html
EXPOSE 80
CMD ["nginx", "-g", "daemon off;"]
