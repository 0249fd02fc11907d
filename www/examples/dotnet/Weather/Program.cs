using Dapper;
using Npgsql;

var app = WebApplication.CreateBuilder(args).Build();

app.MapGet("/{city}", async (string city) =>
{
    await using var database = new NpgsqlConnection(app.Configuration["Database"]);
    return await database.QueryAsync<Reading>("select at, celsius from readings where city = @city", new { city });
});

app.Run();

record Reading(DateTime At, double Celsius);
