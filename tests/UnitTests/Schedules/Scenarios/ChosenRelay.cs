using Lcnn.Distributed.Grains.Collectives.Relays;
using Lcnn.Distributed.Grains.Collectives.Routing;
using Lcnn.Distributed.UnitTests.Schedules.Engine;

namespace Lcnn.Distributed.UnitTests.Schedules.Scenarios;

/// <summary>The grains of ranks: calls fail before and after they are carried out, are carried out twice, or after their caller has given them up.</summary>
internal sealed class ChosenRelay(Schedule schedule, TransportHub[] hubs, int faults)
{
    private int _faultsLeft = faults;
    private (int ToRank, byte[] Block)? _last;

    /// <summary>The last call comes once more.</summary>
    /// <returns>Whether it was for a run that is there.</returns>
    public bool RepeatLast() => _last is var (toRank, block) && hubs[toRank % 2].Receive(block);

    public async Task DeliverAsync(int toRank, byte[] block)
    {
        _last = (toRank, (byte[])block.Clone());
        await DelayAsync();
        switch (_faultsLeft > 0 && schedule.Choices.OneIn(3) ? schedule.Choices.Below(4) : -1)
        {
            case 0:
                _faultsLeft--;
                throw new TimeoutException("the grain is away");
            case 1:
                _faultsLeft--;
                Receive(toRank, block);
                await DelayAsync();
                throw new TimeoutException("the answer was lost");
            case 2:
                _faultsLeft--;
                schedule.Go(() => LateAsync(toRank, (byte[])block.Clone())).Ignore();
                throw new TimeoutException("the answer comes too late");
            case 3:
                Receive(toRank, block);
                await DelayAsync();
                break;
        }

        Receive(toRank, block);
        await DelayAsync();
    }

    private async Task LateAsync(int toRank, byte[] block)
    {
        await DelayAsync();
        Receive(toRank, block);
    }

    private void Receive(int toRank, byte[] block)
    {
        var (_, _, header) = RelayBlock.Read(block);
        schedule.Tell($"generation {header.Generation}, from rank {header.FromRank} to {header.ToRank}: parcel {header.Sequence} at {header.Offset}");
        hubs[toRank % 2].Receive((byte[])block.Clone());
    }

    private async Task DelayAsync()
    {
        for (var i = schedule.Choices.Below(3); i > 0; i--)
        {
            await Task.Yield();
        }
    }
}
