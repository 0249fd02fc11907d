# syntax=docker/dockerfile:1
# One stage: the compiler and all of its friends stay in the image.
FROM node:20
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build
EXPOSE 3000
CMD ["node", "dist/index.js"]
