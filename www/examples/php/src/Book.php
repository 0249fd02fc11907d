<?php
declare(strict_types=1);

namespace Guestbook;

use PDO;

/** What guests have written. */
final class Book
{
    public function __construct(private PDO $database)
    {
    }

    /** @return list<string> */
    public function entries(): array
    {
        return $this->database->query('select text from entries order by written')->fetchAll(PDO::FETCH_COLUMN);
    }
}
