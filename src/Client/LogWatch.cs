using System.Runtime.CompilerServices;
using Lcnn.Distributed.Contracts;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Client;

/// <summary>Follows a log to its end through every loss of connection, silo and grain: each number once, without gaps.</summary>
internal static class LogWatch
{
    public static async IAsyncEnumerable<TEvent> FollowAsync<TEvent>(
        IWatchedLog<TEvent> log, string id, long afterSequence, TimeProvider clock, ILogger logger, [EnumeratorCancellation] CancellationToken cancellationToken)
        where TEvent : class, INumberedEvent
    {
        var position = afterSequence;
        var retry = new Backoff(id, clock, logger);
        while (true)
        {
            Exception lost;
            await using (var events = new EventSource<TEvent>(log, position, isAgain: retry.IsTrying, clock, cancellationToken))
            {
                while (await events.ReadAsync())
                {
                    retry.Reset();
                    if (events.Current.Sequence <= position)
                    {
                        continue;
                    }

                    position = events.Current.Sequence;
                    yield return events.Current;
                    if (events.Current.IsFinal)
                    {
                        yield break;
                    }
                }

                if (events.Lost is null)
                {
                    yield break;
                }

                if (events.IsQuiet)
                {
                    continue;
                }

                lost = events.Lost;
                if (events.IsAnswered)
                {
                    retry.Hear();
                }
            }

            await retry.WaitAsync(lost, cancellationToken);
        }
    }
}
