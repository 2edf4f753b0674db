using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.UnitTests.Schedules.Engine;

/// <summary>Puts what the code logs among the choices that a failed schedule tells.</summary>
internal sealed class TraceLogger<T>(Schedule schedule) : ILogger<T>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        schedule.Tell($"{formatter(state, exception)} {exception?.Message}");
}
