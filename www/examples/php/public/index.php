<?php
declare(strict_types=1);

require __DIR__ . '/../vendor/autoload.php';

use Guestbook\Book;
use Slim\Factory\AppFactory;

$book = new Book(new PDO(getenv('DATABASE_URL')));
$app = AppFactory::create();
$app->get('/', function ($request, $response) use ($book) {
    $response->getBody()->write(implode("\n", $book->entries()));
    return $response;
});
$app->run();
