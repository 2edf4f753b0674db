using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.UnitTests.Schedules.Engine;

namespace Lcnn.Distributed.UnitTests.Schedules.Scenarios;

/// <summary>Two streams deliver under a tight budget to one rank or two, which take in an order of their own, and may be cancelled, left without a peer, or leave.</summary>
internal static class MailboxScenario
{
    private const int Senders = 2;

    public static void Run(Schedule schedule)
    {
        var choices = schedule.Choices;
        var budget = new ReceiveBudget(CountedParcel.Bytes * (1 + choices.Below(2)));
        var count = new ParcelCount(schedule);
        var ranks = Enumerable.Range(0, 1 + choices.Below(2)).Select(_ => new Rank(new Mailbox(budget))).ToArray();
        var failed = -1;
        var parcels = 1 + choices.Below(3);
        foreach (var rank in ranks)
        {
            rank.Left.UnionWith(Enumerable.Range(0, Senders).SelectMany(sender => Enumerable.Range(0, parcels).Select(number => (sender, number))));
        }

        // One stream carries the parcels of both ranks: those of one may be behind those that the other does not take yet.
        var streams = Enumerable.Range(0, Senders).Select(sender => schedule.Go(() =>
        {
            var left = ranks.SelectMany(rank => Enumerable.Range(0, parcels).Select(number => (rank, number))).ToList();
            while (left.Count > 0 && sender != failed)
            {
                var (rank, number) = left[choices.Below(left.Count)];
                left.Remove((rank, number));
                budget.WaitForRoom(CancellationToken.None);
                rank.Mailbox.Deliver(sender, Key(number), count.Create(number));
            }
        })).ToList();
        var takers = ranks.SelectMany(rank => Enumerable.Range(0, 1 + choices.Below(2)).Select(_ => schedule.Go(() =>
        {
            while (rank.Left.Count > 0)
            {
                var (sender, number) = rank.Left.ElementAt(choices.Below(rank.Left.Count));
                rank.Left.Remove((sender, number));
                try
                {
                    var parcel = rank.Mailbox.Take<CountedParcel>(sender, Key(number), rank.Stop.Token);
                    schedule.Check(parcel.Number == number, $"parcel {parcel.Number} was taken for {number}");
                    parcel.Dispose();
                }
                catch (OperationCanceledException)
                {
                    schedule.Check(rank.IsLeaving, "a wait ended as cancelled, and was not");
                }
                catch (PeerUnreachableException exception)
                {
                    schedule.Check(failed == sender && exception.Rank == sender, $"rank {exception.Rank} is said to be out of reach");
                }
            }
        }))).ToList();
        var trouble = schedule.Go(() =>
        {
            switch (choices.Below(6))
            {
                case 0:
                    ranks[0].IsLeaving = true;
                    ranks[0].Stop.Cancel();
                    break;
                case 1:
                    ranks[0].IsLeaving = true;
                    ranks[0].Mailbox.Close();
                    break;
                case 2:
                    failed = choices.Below(Senders);
                    Array.ForEach(ranks, rank => rank.Mailbox.Fail(new PeerUnreachableException(failed, "", "gone")));
                    break;
            }
        });

        schedule.Finish("takers and trouble", [.. takers, trouble]);
        Array.ForEach(ranks, rank => rank.Mailbox.Close());
        schedule.Finish("streams", streams);
        schedule.Check(budget.Held == 0, $"{budget.Held} bytes are left in the budget");
        schedule.Check(count.Held == 0, $"{count.Held} parcels were not given back");
    }

    private static ParcelKey Key(int number) => new(ParcelKind.Scores, number);

    private sealed record Rank(Mailbox Mailbox)
    {
        public CancellationTokenSource Stop { get; } = new();

        public HashSet<(int Sender, int Number)> Left { get; } = [];

        public bool IsLeaving { get; set; }
    }
}
