using Lcnn.Distributed.Grains.Collectives.Wire;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Collectives.Streams;

/// <summary>Tells of connections that were turned away: the first at once, those of the minute after it by their number. Thread-safe.</summary>
internal sealed partial class RejectionLog : IDisposable
{
    private static readonly TimeSpan _period = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private (RejectReason Reason, string Problem) _last;
    private int _count;
    private bool _isCounting;

    public RejectionLog(TimeProvider clock, ILogger logger)
    {
        _logger = logger;
        _timer = clock.CreateTimer(static log => ((RejectionLog)log!).EndPeriod(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>One was turned away.</summary>
    public void Add(RejectReason reason, string problem)
    {
        lock (_gate)
        {
            _last = (reason, problem);
            if (_isCounting)
            {
                _count++;
                return;
            }

            _isCounting = true;
            _timer.Change(_period, Timeout.InfiniteTimeSpan);
        }

        LogRejected(reason, problem);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void EndPeriod()
    {
        int count;
        (RejectReason Reason, string Problem) last;
        lock (_gate)
        {
            (count, last, _count) = (_count, _last, 0);
            _isCounting = count > 0;
            if (_isCounting)
            {
                _timer.Change(_period, Timeout.InfiniteTimeSpan);
            }
        }

        if (count > 0)
        {
            LogMore(count, last.Reason, last.Problem);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "A stream was turned away ({Reason}): {Problem}")]
    private partial void LogRejected(RejectReason reason, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} more streams were turned away within a minute, the last of them ({Reason}): {Problem}")]
    private partial void LogMore(int count, RejectReason reason, string problem);
}
