# syntax=docker/dockerfile:1
FROM maven:3.9-eclipse-temurin-21
WORKDIR /src
COPY . .
RUN mvn -B package -DskipTests
EXPOSE 8080
ENTRYPOINT ["java", "-jar", "/src/target/greeter-1.0.0.jar"]
