using System.Globalization;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Data.Catalog;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Data.Summaries;
using Lcnn.Distributed.Grains.Workers;
using Lcnn.Distributed.Model.Diagnostics;
using Lcnn.Distributed.Model.Evaluation;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Stability;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>Looks into models in this process.</summary>
internal sealed class ModelInspector : IModelInspector
{
    public string Processor => SystemReport.ProcessorName;

    public async Task<InspectionReport> InspectAsync(InspectionRequest request, CancellationToken cancellationToken)
    {
        try
        {
            NativeLibrary.Check();
            var models = request.Models.Select(path => EvaluatedModel.Read(
                new EvaluationRequest(path, request.DataDirectory, null, 0, 1, 1), Console.Error.WriteLine)).ToList();
            var wanted = DataSetRequests.Of(models[0].Spec);
            var data = await new DataSetLoader().LoadAsync(wanted with { DataDirectory = request.DataDirectory ?? wanted.DataDirectory }, null, cancellationToken);
            return await Task.Factory.StartNew(
                () => Inspect(models, data.Test.Take(request.Images), cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        catch (Exception exception) when (ModelErrors.Of(exception, "close other programs") is { } said)
        {
            throw said;
        }
    }

    private static InspectionReport Inspect(List<EvaluatedModel> models, ILabelledImages test, CancellationToken cancellationToken)
    {
        using var threads = new ComputeThreads(1, "inspect"); // one intra-op thread below, as in training
        int[] places = [.. Enumerable.Range(0, test.Count)];
        return new InspectionReport(
            [.. places.Select(place => new InspectedImage(NameOf(test, test.Labels[place]), ImagePng.OfSample(test, place)))],
            [.. models.Select(model =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                return Inspect(model, test, places);
            })]);
    }

    private static InspectedModel Inspect(EvaluatedModel model, ILabelledImages test, int[] places)
    {
        var network = Architectures.Build(model.Spec.DescribedNetwork(), model.Spec.NetworkParameters, test, model.Spec.SpectralGrid);
        using var trained = TrainedNetwork.Load(network, model.Tensors, model.Source);
        return new InspectedModel(
            [.. network.Layers.Zip(trained.Layers, Sharpness).Where(layer => layer.Beta is not null || layer.Gamma is not null)],
            [.. InputGradients.Of(trained, test, places).Select(map => new InspectedMap(
                NameOf(test, map.Class), ImagePng.OfSizes(map.Sizes_HW, test.Height, test.Width)))]);
    }

    private static LayerSharpness Sharpness(Layer layer, PreparedLayer prepared) => new(layer.Path, prepared.Penalty.Beta, prepared.Penalty.Gamma);

    private static string NameOf(ILabelledImages test, int label) =>
        label < test.ClassNames.Count ? test.ClassNames[label] : label.ToString(CultureInfo.InvariantCulture);
}
