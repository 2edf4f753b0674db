using System.Collections.Concurrent;
using System.Reflection;

namespace Lcnn.Distributed.ClusterTests.Clustering;

/// <summary>Stands in for the prober of a silo, which Orleans keeps to itself: from a moment on no probe is answered.</summary>
public class FailingProber : DispatchProxy
{
    private const int Enough = 6;

    private readonly ConcurrentDictionary<SiloAddress, int> _missed = new();
    private readonly TaskCompletionSource _missedEnough = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _targets = int.MaxValue;

    /// <summary>The service it stands in for.</summary>
    public static Type Service { get; } = typeof(IClusterMembershipService).Assembly.GetType("Orleans.Runtime.MembershipService.IRemoteSiloProber", throwOnError: true)!;

    /// <summary>Completes when as many silos as there are have missed twice the probes that a vote takes.</summary>
    public Task MissedEnough => _missedEnough.Task;

    public static FailingProber Create() => (FailingProber)Create(Service, typeof(FailingProber));

    /// <summary>No probe of these silos is answered from now on.</summary>
    public void FallSick(int targets) => Volatile.Write(ref _targets, targets);

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (Volatile.Read(ref _targets) == int.MaxValue)
        {
            return Task.CompletedTask;
        }

        _missed.AddOrUpdate((SiloAddress)args![0]!, 1, static (_, count) => count + 1);
        if (_missed.Values.Count(count => count >= Enough) >= _targets)
        {
            _missedEnough.TrySetResult();
        }

        return Task.FromException(new TimeoutException("nobody is heard"));
    }
}
