using System.Collections.Concurrent;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Data.Wire;
using Lcnn.Distributed.Grains.Collectives.Links;
using Lcnn.Distributed.Grains.Collectives.Wire;

namespace Lcnn.Distributed.Grains.Collectives.Relays;

/// <summary>Carries an outbox through grains, a few blocks at a time. The return of a call is the acknowledgement of its block.</summary>
/// <remarks>A call that failed may have been carried out: it is made again, and the receiver drops what it has.</remarks>
internal sealed class RelaySender(LinkedRun run, Outbox outbox, Guid toProcess, TransportServices services, Func<int, IParcelRelay> relayOf)
{
    private readonly ConcurrentBag<byte[]> _blocks = [];
    private readonly CallWindow _calls = new(RelayReceiver.Window);
    private readonly WireWriter _wire = new();

    /// <summary>Works, on a thread of its own, until all is sent and the outbox closed, or a block cannot be delivered.</summary>
    /// <returns>Why it ended; null when all is sent.</returns>
    public Task<Exception?> RunAsync(CancellationToken cancellationToken) => Task.Factory.StartNew(
        () => Run(cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Tells the other side that no stream comes any more, so that it need not wait for one.</summary>
    public void Notify(int rank, CancellationToken cancellationToken)
    {
        var call = _calls.Begin(cancellationToken);
        _ = DeliverAsync(call, relayOf(rank), RelayBlock.CreateNotice(run.Local, toProcess, run.RunId, run.Generation), cancellationToken);
    }

    private Exception? Run(CancellationToken cancellationToken)
    {
        using var wakeBox = cancellationToken.UnsafeRegister(static box => ((Outbox)box!).Wake(), outbox);
        using var wakeCalls = cancellationToken.UnsafeRegister(static calls => ((CallWindow)calls!).Wake(), _calls);
        while (true)
        {
            switch (outbox.WaitNext(cancellationToken, out var parcel, out _))
            {
                case OutboxWork.Send:
                    if (Send(parcel!, cancellationToken) is { } failure)
                    {
                        return failure;
                    }

                    break;
                case OutboxWork.Acknowledge:
                    break; // the return of the other side's call has told it
                default:
                    return null;
            }
        }
    }

    private Exception? Send(OutgoingParcel parcel, CancellationToken cancellationToken)
    {
        try
        {
            Send(parcel, relayOf(parcel.ToRank), cancellationToken);
            outbox.Acknowledge(parcel.Sequence);
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
        finally
        {
            outbox.Release(parcel);
        }
    }

    private void Send(OutgoingParcel parcel, IParcelRelay relay, CancellationToken cancellationToken)
    {
        ParcelCodec.Write(parcel.Parcel!, _wire);
        var header = new FrameHeader
        {
            Type = FrameType.Parcel,
            Run = run.Tag,
            Generation = run.Generation,
            FromRank = parcel.FromRank,
            ToRank = parcel.ToRank,
            Key = parcel.Key,
            Sequence = parcel.Sequence,
            MetadataLength = _wire.Metadata.Length,
            ParcelLength = _wire.Metadata.Length + _wire.SegmentLength,
        };
        Send(relay, header, [_wire.Metadata], header.MetadataLength, cancellationToken);
        Send(relay, header with { Offset = header.MetadataLength }, _wire.Segments, _wire.SegmentLength, cancellationToken);
        _calls.WaitForAll(cancellationToken);
        _wire.Clear();
    }

    private void Send(IParcelRelay relay, FrameHeader header, IReadOnlyList<ReadOnlyMemory<byte>> segments, long length, CancellationToken cancellationToken)
    {
        var cursor = new SegmentCursor(segments);
        while (cursor.Position < length)
        {
            var offset = header.Offset + cursor.Position;
            var block = Rent((int)Math.Min(RelayBlock.PieceBytes, length - cursor.Position));
            var piece = block.AsSpan(RelayBlock.HeadBytes);
            for (var filled = 0; filled < piece.Length;)
            {
                var bytes = cursor.Take(piece.Length - filled);
                bytes.CopyTo(piece[filled..]);
                filled += bytes.Length;
            }

            var head = header with { Offset = offset, PieceLength = piece.Length, PieceChecksum = Crc32C.Append(0, piece) };
            RelayBlock.WriteHead(block, run.Local, toProcess, head);
            var call = _calls.Begin(cancellationToken);
            _ = DeliverAsync(call, relay, block, cancellationToken);
        }
    }

    private async Task DeliverAsync(long call, IParcelRelay relay, byte[] block, CancellationToken cancellationToken)
    {
        try
        {
            var attempts = 1;
            for (; ; attempts++)
            {
                try
                {
                    await relay.DeliverAsync(block, cancellationToken);
                    break;
                }
                catch (Exception) when (attempts < services.Options.MaxRelayCalls && !cancellationToken.IsCancellationRequested)
                {
                    await Task.Delay(services.Options.DelayAfter(attempts), services.Clock, cancellationToken);
                }
            }

            if (attempts == 1 && block.Length == TransportOptions.PieceBytes)
            {
                _blocks.Add(block); // an attempt that did not come back may still be read
            }

            _calls.End(call);
        }
        catch (Exception exception)
        {
            _calls.End(call, exception);
        }
    }

    private byte[] Rent(int pieceLength) => pieceLength == RelayBlock.PieceBytes && _blocks.TryTake(out var used)
        ? used
        : GC.AllocateUninitializedArray<byte>(RelayBlock.HeadBytes + pieceLength);
}
