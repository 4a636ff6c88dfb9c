import { Body, Controller, Param, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ProductRepriced } from '#libs/contracts';
import { ForOperators, problem, Refusals } from '#libs/http';
import { Transactions } from '#libs/messaging';
import { Product } from './product.entity.js';
import { couldBeSku, productView, ProductView } from './product-view.js';

const NewPrice = z
  .strictObject({ amountMinor: z.int().min(1).max(10_000_000), currency: z.literal('EUR') })
  .meta({ id: 'NewPrice', examples: [{ amountMinor: 1399, currency: 'EUR' }] });

@ApiTags('products')
@ForOperators()
@Controller('products')
export class ChangePriceController {
  constructor(private readonly transactions: Transactions) {}

  @Put(':sku/price')
  @ApiOperation({
    summary: 'Change what a product costs',
    description: 'For orders from now on; those that were placed keep their prices. Asking again changes nothing.',
  })
  @ApiParam({ name: 'sku', example: 'MUG-STONEWARE' })
  @ApiOkResponse({ standardSchema: ProductView })
  @Refusals('product-not-found')
  async changePrice(@Param('sku') sku: string, @Body({ schema: NewPrice }) price: z.infer<typeof NewPrice>): Promise<ProductView> {
    const product = couldBeSku(sku) ? await this.change(sku, price) : null;
    if (!product) throw problem('product-not-found', 'There is no such product.');
    return productView(product);
  }

  private change(sku: string, price: z.infer<typeof NewPrice>): Promise<Product | null> {
    return this.transactions.run(async (tx) => {
      const products = tx.manager.getRepository(Product);
      const product = await products.findOne({ where: { sku }, lock: { mode: 'pessimistic_write' } });
      if (!product || product.priceMinor === price.amountMinor) return product;
      product.priceMinor = price.amountMinor;
      product.version += 1;
      await products.update({ sku }, { priceMinor: product.priceMinor, version: product.version });
      tx.publish(ProductRepriced, { sku, price }, { subject: sku, sequence: product.version });
      return product;
    });
  }
}
