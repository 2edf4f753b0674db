using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.UnitTests.Schedules.Engine;

namespace Lcnn.Distributed.UnitTests.Schedules.Scenarios;

/// <summary>Two streams deliver under a tight budget to a rank that takes in an order of its own, and may be cancelled, left without a peer, or leave.</summary>
internal static class MailboxScenario
{
    private const int Senders = 2;

    public static void Run(Schedule schedule)
    {
        var choices = schedule.Choices;
        var parcels = 1 + choices.Below(3);
        var budget = new ReceiveBudget(CountedParcel.Bytes * (1 + choices.Below(2)));
        var (mailbox, count) = (new Mailbox(budget), new ParcelCount(schedule));
        using var stop = new CancellationTokenSource();
        var (isCancelled, isClosed, failed) = (false, false, -1);
        var left = Enumerable.Range(0, Senders).SelectMany(sender => Enumerable.Range(0, parcels).Select(number => (sender, number))).ToHashSet();

        var streams = Enumerable.Range(0, Senders).Select(sender => schedule.Go(() =>
        {
            for (var number = 0; number < parcels && sender != failed; number++)
            {
                budget.WaitForRoom(CancellationToken.None);
                mailbox.Deliver(sender, Key(number), count.Create(number));
            }
        })).ToList();
        var takers = Enumerable.Range(0, 1 + choices.Below(2)).Select(taker => schedule.Go(() =>
        {
            while (left.Count > 0)
            {
                var (sender, number) = left.ElementAt(choices.Below(left.Count));
                left.Remove((sender, number));
                try
                {
                    var parcel = mailbox.Take<CountedParcel>(sender, Key(number), stop.Token);
                    schedule.Check(parcel.Number == number, $"parcel {parcel.Number} was taken for {number}");
                    parcel.Dispose();
                }
                catch (OperationCanceledException)
                {
                    schedule.Check(isCancelled || isClosed, "a wait ended as cancelled, and was not");
                }
                catch (PeerUnreachableException exception)
                {
                    schedule.Check(failed == sender && exception.Rank == sender, $"rank {exception.Rank} is said to be out of reach");
                }
            }
        })).ToList();
        var trouble = schedule.Go(() =>
        {
            switch (choices.Below(6))
            {
                case 0:
                    isCancelled = true;
                    stop.Cancel();
                    break;
                case 1:
                    isClosed = true;
                    mailbox.Close();
                    break;
                case 2:
                    failed = choices.Below(Senders);
                    mailbox.Fail(new PeerUnreachableException(failed, "", "gone"));
                    break;
            }
        });

        schedule.Finish("takers and trouble", [.. takers, trouble]);
        mailbox.Close();
        schedule.Finish("streams", streams);
        schedule.Check(budget.Held == 0, $"{budget.Held} bytes are left in the budget");
        schedule.Check(count.Held == 0, $"{count.Held} parcels were not given back");
    }

    private static ParcelKey Key(int number) => new(ParcelKind.Scores, number);
}
