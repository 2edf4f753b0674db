using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Model.Evaluation;

namespace Lcnn.Distributed.UnitTests.Grains;

public sealed class RankChannelTests
{
    private static readonly ParcelKey _key = new(ParcelKind.Scores, Step: 0);

    private readonly RankChannel[] _ranks;

    public RankChannelTests()
    {
        var mailboxes = new Mailboxes();
        _ranks = [.. Enumerable.Range(0, 3).Select(rank => new RankChannel(rank, 3, mailboxes, mailboxes.MailboxOf(rank), new RankActivity(), CancellationToken.None))];
    }

    [Fact]
    public void Send_ToItself_ArrivesAndCountsNoBytes()
    {
        _ranks[1].Send(1, _key, Parcel(1));

        Assert.Single(_ranks[1].Receive<ScoresParcel>(1, _key).Batches);
        Assert.Equal(0, _ranks[1].BytesSent["memory"]);
    }

    [Fact]
    public void Broadcast_ThreeRanks_CountsTheTwoOthers()
    {
        _ranks[1].Broadcast(_key, Parcel(5));

        Assert.All(_ranks, rank => Assert.Equal(5, rank.Receive<ScoresParcel>(1, _key).Batches.Count));
        Assert.Equal([0, 2 * 5 * 16, 0], _ranks.Select(rank => rank.BytesSent["memory"]));
    }

    [Fact]
    public void Gather_ParcelsComeInAnyOrder_AreInRankOrder()
    {
        foreach (var from in new[] { 2, 0, 1 })
        {
            _ranks[from].Send(0, _key, Parcel(from));
        }

        Assert.Equal([0, 1, 2], _ranks[0].Gather<ScoresParcel>(_key).Select(parcel => parcel.Batches.Count));
    }

    [Fact]
    public void Leads_OfThreeRanks_IsTheFirst() => Assert.Equal([true, false, false], _ranks.Select(rank => rank.Leads));

    private static ScoresParcel Parcel(int batches) => new([.. Enumerable.Repeat(new BatchScore(1, 1, 2), batches)]);
}
